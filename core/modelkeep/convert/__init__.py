"""Converting pickle weights to safetensors, which hold only numbers, as a new local revision beside the old one."""
