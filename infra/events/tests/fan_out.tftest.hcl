# Run with `terraform test`: what is made, though not in truth: AWS is not asked.

mock_provider "aws" {
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-west-1:123456789012:taskoverflow-events" }
  }

  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:eu-west-1:123456789012:queue", id = "https://queue" }
  }
}

run "the_defaults_are_those_of_the_laboratory" {
  command = apply

  assert {
    condition     = aws_sns_topic.events.name == "taskoverflow-events"
    error_message = "The topic has another name."
  }

  assert {
    condition     = toset([for queue in aws_sqs_queue.events : queue.name]) == toset(["events-all", "events-completed", "events-list-1"])
    error_message = "The queues have other names."
  }

  assert {
    condition     = output.events_url == "sns://arn:aws:sns:eu-west-1:123456789012:taskoverflow-events"
    error_message = "The output is no EVENTS_URL."
  }
}

run "each_subscription_lets_through_what_its_queue_is_for" {
  command = apply

  variables {
    list_id = 12
  }

  assert {
    condition     = aws_sns_topic_subscription.queue["all"].filter_policy == null
    error_message = "The queue of all events must get all of them."
  }

  assert {
    condition     = jsondecode(aws_sns_topic_subscription.queue["completed"].filter_policy) == { type = ["todo.completed"] }
    error_message = "The queue of completions must get completions."
  }

  assert {
    # As a text: so the attribute is sent.
    condition     = jsondecode(aws_sns_topic_subscription.queue["list"].filter_policy) == { list = ["12"] }
    error_message = "The queue of a list must get its events."
  }

  assert {
    condition     = alltrue([for subscription in aws_sns_topic_subscription.queue : subscription.raw_message_delivery])
    error_message = "Consumers expect the event's JSON alone."
  }

  assert {
    condition     = aws_sqs_queue.events["list"].name == "events-list-12"
    error_message = "The queue of a list is called after it."
  }
}

run "queues_are_encrypted_and_only_the_topic_is_let_in" {
  command = apply

  assert {
    condition = alltrue([
      for queue in concat(values(aws_sqs_queue.events), values(aws_sqs_queue.dead_letters)) : queue.sqs_managed_sse_enabled
    ])
    error_message = "A queue is not encrypted."
  }

  assert {
    condition = alltrue([
      for policy in aws_sqs_queue_policy.events : [
        for statement in jsondecode(policy.policy).Statement :
        [statement.Effect, statement.Principal.Service, statement.Condition.ArnEquals["aws:SourceArn"]]
      ] == [["Allow", "sns.amazonaws.com", aws_sns_topic.events.arn]]
    ])
    error_message = "A queue lets others in."
  }

  assert {
    condition     = alltrue([for queue in aws_sqs_queue.events : jsondecode(queue.redrive_policy).maxReceiveCount == 5])
    error_message = "A queue has no dead-letter queue."
  }
}
