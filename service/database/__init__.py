"""The database: sessions, the tables and what queries of every resource share."""
