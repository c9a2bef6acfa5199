"""How far current rows are from what the champion was trained on, and whether that is worth acting on."""
