"""An index of the chain: which accounts a transaction names, as nodes keep it.

The tables' triggers keep it, so that processes of the version before fill it, too. Airdrops have no
bytes to read; whoever stores one also stores its line here.
"""

import base58
from peewee import Database
from playhouse.migrate import SchemaMigrator

INDEX = """
CREATE TABLE chain.account_transactions (
    account   bytea NOT NULL,
    at        timestamptz NOT NULL,
    signature text NOT NULL,
    PRIMARY KEY (account, at, signature)
);
CREATE INDEX account_transactions_age ON chain.account_transactions USING brin (at);

CREATE FUNCTION chain.named_accounts(wire text) RETURNS SETOF bytea
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    sent bytea := decode(wire, 'base64');
    message integer := 1 + 64 * get_byte(sent, 0);
BEGIN
    -- The first byte of a message with a version has its highest bit set.
    IF get_byte(sent, message) > 127 THEN
        message := message + 1;
    END IF;
    -- Three bytes of header, the number of accounts, the accounts.
    FOR number IN 0 .. get_byte(sent, message + 3) - 1 LOOP
        RETURN NEXT substring(sent FROM message + 5 + 32 * number FOR 32);
    END LOOP;
END $$;

CREATE FUNCTION chain.index_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO chain.account_transactions (account, at, signature)
    SELECT account, NEW.landed_at, NEW.signature FROM chain.named_accounts(NEW.wire) AS account
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER transfers_index AFTER INSERT ON chain.transfers
    FOR EACH ROW WHEN (NEW.wire IS NOT NULL) EXECUTE FUNCTION chain.index_transfer();

CREATE FUNCTION chain.index_swap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO chain.account_transactions (account, at, signature)
    SELECT account, NEW.lands_at, NEW.signature FROM chain.named_accounts(NEW.wire) AS account
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER transactions_index AFTER INSERT ON chain.transactions
    FOR EACH ROW WHEN (NEW.wire IS NOT NULL) EXECUTE FUNCTION chain.index_swap();

INSERT INTO chain.account_transactions
SELECT account, landed_at, signature FROM chain.transfers, chain.named_accounts(wire) AS account
WHERE NOT EXISTS (
    SELECT FROM orders WHERE signed_transaction ->> 'signature' = transfers.signature)
UNION
SELECT account, lands_at, signature FROM chain.transactions, chain.named_accounts(wire) AS account;

DROP INDEX chain.transfers_signer, chain.transactions_signer;
"""
NO_INDEX = """
CREATE INDEX transactions_signer ON chain.transactions (signer, slot DESC, signature DESC)
    WHERE signer IS NOT NULL;
CREATE INDEX transfers_signer ON chain.transfers (signer, slot DESC, signature DESC);
DROP TRIGGER transactions_index ON chain.transactions;
DROP TRIGGER transfers_index ON chain.transfers;
DROP FUNCTION chain.index_swap, chain.index_transfer, chain.named_accounts;
DROP TABLE chain.account_transactions;
"""
AIRDROPS = "SELECT signer, landed_at, signature FROM chain.transfers WHERE wire IS NULL"
NAME = "INSERT INTO chain.account_transactions VALUES (%s, %s, %s)"


def up(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(INDEX)
    for signer, at, signature in db.execute_sql(AIRDROPS).fetchall():
        db.execute_sql(NAME, (base58.b58decode(signer), at, signature))


def down(_: SchemaMigrator, db: Database) -> None:
    db.execute_sql(NO_INDEX)
