"""Reading a contract: its document, operations, roles, and what its schemas allow. Pure and stateless."""
