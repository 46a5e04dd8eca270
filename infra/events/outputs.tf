output "events_url" {
  description = "TaskOverflow's setting EVENTS_URL: sends its events to the topic."
  value       = "sns://${aws_sns_topic.events.arn}"
}

output "queue_urls" {
  description = "The queues' URLs: of all events, of completions, and of the one list."
  value       = { for key, queue in aws_sqs_queue.events : key => queue.url }
}

output "dead_letter_queue_urls" {
  description = "The URLs of their dead-letter queues."
  value       = { for key, queue in aws_sqs_queue.dead_letters : key => queue.url }
}
