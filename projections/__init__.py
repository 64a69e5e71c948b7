"""The read side: facts folded into lives, lives into steps, steps into boards."""
