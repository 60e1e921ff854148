"""What the integration tests share: starting programs, speaking HTTP byte by byte, judging what came back."""
