"""What is special about an operation: functions named by its operationId, one module per tag."""
