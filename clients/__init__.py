"""The caseload: clients, contact rules, links."""
