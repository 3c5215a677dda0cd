"""Life tables: life expectancy with limits, in health and in quality, its gap by deprivation and what moves it."""
