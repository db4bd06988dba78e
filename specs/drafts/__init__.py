"""From an OpenAPI file to a draft of resources.yaml: guesses, each with its reason."""
