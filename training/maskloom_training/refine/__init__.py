"""Conversation-based refinement (ROSE, section 3.4): a previous mask and an instruction to a better mask and name."""
