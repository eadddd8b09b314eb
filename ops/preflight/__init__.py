"""Whether a deploy can succeed, before it begins: every line is ok, or says what to do."""
