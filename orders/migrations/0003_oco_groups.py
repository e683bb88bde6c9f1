"""Which order of a one-cancels-other group has won: at most one, ever."""

GROUPS = """
CREATE TABLE oco_groups (
    id     uuid NOT NULL,
    owner  text NOT NULL,
    winner uuid NOT NULL,
    PRIMARY KEY (id, owner)
);
"""


def up(migrator, db):
    db.execute_sql(GROUPS)


def down(migrator, db):
    db.execute_sql("DROP TABLE oco_groups")
