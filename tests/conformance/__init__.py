"""What a queue service has to do to be SQS, asked of the laboratory, or of any other by `--endpoint-url`.

Every test makes queues with names of its own and deletes them, and leaves room for what AWS allows itself: a message
of a standard queue may come late, out of order or twice.
"""
