"""The generated pages of the documentation site: what the code and the contracts say about themselves."""
