# Run with `terraform test`: the bounds of each variable. Nothing is made, and AWS is not asked.

mock_provider "aws" {}

run "the_least_is_good" {
  command = plan

  variables {
    topic_name         = "t"
    queue_prefix       = "q"
    list_id            = 1
    visibility_seconds = 0
    retention_seconds  = 60
    receives_max       = 1
  }

  assert {
    condition     = alltrue([for queue in aws_sqs_queue.dead_letters : length(queue.name) <= 80])
    error_message = "SQS allows names of 80 characters."
  }
}

run "the_most_is_good" {
  command = plan

  variables {
    topic_name         = "tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt"
    queue_prefix       = "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"
    list_id            = 2147483647
    visibility_seconds = 43200
    retention_seconds  = 1209600
    receives_max       = 1000
  }

  assert {
    condition     = alltrue([for queue in aws_sqs_queue.dead_letters : length(queue.name) <= 80])
    error_message = "SQS allows names of 80 characters."
  }
}

run "too_little_is_refused" {
  command = plan

  variables {
    topic_name         = ""
    queue_prefix       = ""
    list_id            = 0
    visibility_seconds = -1
    retention_seconds  = 59
    receives_max       = 0
    tags               = { "" = "x" }
  }

  expect_failures = [
    var.topic_name,
    var.queue_prefix,
    var.list_id,
    var.visibility_seconds,
    var.retention_seconds,
    var.receives_max,
    var.tags,
  ]
}

run "too_much_is_refused" {
  command = plan

  variables {
    topic_name         = "ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt"
    queue_prefix       = "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"
    list_id            = 2147483648
    visibility_seconds = 43201
    retention_seconds  = 1209601
    receives_max       = 1001
    tags               = { for number in range(51) : number => "x" }
  }

  expect_failures = [
    var.topic_name,
    var.queue_prefix,
    var.list_id,
    var.visibility_seconds,
    var.retention_seconds,
    var.receives_max,
    var.tags,
  ]
}

run "a_part_of_a_number_is_refused" {
  command = plan

  variables {
    list_id            = 1.5
    visibility_seconds = 0.5
    retention_seconds  = 60.5
    receives_max       = 2.5
  }

  expect_failures = [
    var.list_id,
    var.visibility_seconds,
    var.retention_seconds,
    var.receives_max,
  ]
}

run "another_character_is_refused" {
  command = plan

  variables {
    topic_name   = "events.fifo"
    queue_prefix = "a b"
    tags         = { "aws:name" = "x" }
  }

  expect_failures = [
    var.topic_name,
    var.queue_prefix,
    var.tags,
  ]
}
