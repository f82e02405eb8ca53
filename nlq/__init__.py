"""Floor 3: English -> Question -> query -> Answer."""
