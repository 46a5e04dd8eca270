locals {
  queues = {
    all       = { name = "${var.queue_prefix}-all", filter = null }
    completed = { name = "${var.queue_prefix}-completed", filter = { type = ["todo.completed"] } }
    list      = { name = "${var.queue_prefix}-list-${var.list_id}", filter = { list = [tostring(var.list_id)] } }
  }
}

resource "aws_sqs_queue" "events" {
  for_each = local.queues

  name                       = each.value.name
  visibility_timeout_seconds = var.visibility_seconds
  message_retention_seconds  = var.retention_seconds
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = true
  tags                       = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters[each.key].arn
    maxReceiveCount     = var.receives_max
  })
}

# One for each: what one consumer cannot handle is no business of another's.
resource "aws_sqs_queue" "dead_letters" {
  for_each = local.queues

  name                      = "${each.value.name}-dlq"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
  tags                      = var.tags
}

resource "aws_sqs_queue_redrive_allow_policy" "dead_letters" {
  for_each = local.queues

  queue_url = aws_sqs_queue.dead_letters[each.key].id

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.events[each.key].arn]
  })
}

resource "aws_sqs_queue_policy" "events" {
  for_each = local.queues

  queue_url = aws_sqs_queue.events[each.key].id

  # Nothing is denied to others, for the redrive of dead letters sends with the keys of whoever starts it.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TopicSends"
      Effect    = "Allow"
      Principal = { Service = "sns.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.events[each.key].arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_sns_topic.events.arn } }
    }]
  })
}
