"""Icons, styles, translations and sample data, found alike in a checkout, a wheel and a frozen program."""
