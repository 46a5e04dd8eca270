variable "topic_name" {
  description = "Name of the topic that TaskOverflow sends its events to."
  type        = string
  default     = "taskoverflow-events"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,256}$", var.topic_name))
    error_message = "The topic's name must have 1 to 256 letters, digits, hyphens or underscores."
  }
}

variable "queue_prefix" {
  description = "What the queues' names begin with: <prefix>-all, <prefix>-completed, <prefix>-list-<list_id>."
  type        = string
  default     = "events"
  nullable    = false

  validation {
    # With the longest ending there is 80 characters, which is all that SQS allows.
    condition     = can(regex("^[A-Za-z0-9_-]{1,60}$", var.queue_prefix))
    error_message = "The queues' prefix must have 1 to 60 letters, digits, hyphens or underscores."
  }
}

variable "list_id" {
  description = "Id of the list that has a queue of its own. 1 is the list that is there from the start."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.list_id >= 1 && var.list_id <= 2147483647 && floor(var.list_id) == var.list_id
    error_message = "The list's id must be a whole number from 1 to 2147483647."
  }
}

variable "visibility_seconds" {
  description = "How long a consumer has to delete an event that it received, before it comes again."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition = (
      var.visibility_seconds >= 0 && var.visibility_seconds <= 43200 && floor(var.visibility_seconds) == var.visibility_seconds
    )
    error_message = "The visibility timeout must be a whole number of seconds from 0 to 43200."
  }
}

variable "retention_seconds" {
  description = "How long an event waits in a queue for its consumer. In dead-letter queues it is always 14 days."
  type        = number
  default     = 345600
  nullable    = false

  validation {
    condition = (
      var.retention_seconds >= 60 && var.retention_seconds <= 1209600 && floor(var.retention_seconds) == var.retention_seconds
    )
    error_message = "The retention must be a whole number of seconds from 60 to 1209600."
  }
}

variable "receives_max" {
  description = "After how many receives without a delete an event goes to the queue's dead-letter queue."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.receives_max >= 1 && var.receives_max <= 1000 && floor(var.receives_max) == var.receives_max
    error_message = "The most receives must be a whole number from 1 to 1000."
  }
}

variable "tags" {
  description = "Tags of the topic and of every queue."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.tags) <= 50 && alltrue([for key in keys(var.tags) : can(regex("^.{1,128}$", key)) && !startswith(lower(key), "aws:")])
    error_message = "There may be up to 50 tags, with keys of 1 to 128 characters that do not begin with aws:."
  }
}
