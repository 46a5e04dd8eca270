resource "aws_sns_topic" "events" {
  name = var.topic_name
  tags = var.tags
}

resource "aws_sns_topic_subscription" "queue" {
  for_each = local.queues

  topic_arn            = aws_sns_topic.events.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.events[each.key].arn
  raw_message_delivery = true
  # TaskOverflow sends `type` and `list` as message attributes, both of them texts.
  filter_policy       = each.value.filter == null ? null : jsonencode(each.value.filter)
  filter_policy_scope = each.value.filter == null ? null : "MessageAttributes"

  # What the queue does not let in yet would be lost.
  depends_on = [aws_sqs_queue_policy.events]
}
