"""What clients send to change the registry, and what they are told: inputs and payloads, a file for each noun."""
