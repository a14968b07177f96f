--
-- audit_seal: what was committed becomes a block, and a block a digest.
--
SELECT current_user AS superuser \gset
CREATE ROLE regress_seal_clerk;
CREATE ROLE regress_seal_reader LOGIN;
CREATE VIEW last_block AS
    SELECT b.*
      FROM hipaa_migrate.audit_block AS b JOIN hipaa_migrate.audit_state AS s USING (epoch)
     ORDER BY b.block DESC LIMIT 1;
CREATE VIEW leaf AS
    SELECT l.* FROM hipaa_migrate.audit_leaf AS l JOIN hipaa_migrate.audit_state AS s USING (epoch);

-- Everything that is committed is sealed at once; that somebody asked for it
-- is on record itself, in the block after.
SELECT migrate_grant('operator', 'regress_seal_clerk');
SELECT * FROM audit_seal() \gset
SELECT :'outcome' AS outcome, block = :block AS is_last, leaf_count = :events AS events,
       sealed_at = :'sealed_at' AS sealed_at FROM last_block;
SELECT count(*) = count(seq) AS all_sealed
  FROM hipaa_migrate.audit_event AS e LEFT JOIN leaf AS l USING (epoch, event_id)
 WHERE e.kind <> 'record.sealed';
SELECT kind, outcome, details::jsonb -> 'block' = to_jsonb(:block) AS block,
       (details::jsonb ->> 'tree_size')::bigint = (SELECT tree_size FROM last_block) AS tree_size
  FROM hipaa_migrate.audit_event ORDER BY event_id DESC LIMIT 1;

-- What is not committed is not sealed, though the caller sees it.
BEGIN;
SELECT migrate_grant('author', 'regress_seal_clerk');
SELECT outcome <> 'pending' AS done FROM audit_seal();
SELECT kind, l.seq IS NOT NULL AS sealed
  FROM hipaa_migrate.audit_event AS e LEFT JOIN leaf AS l USING (epoch, event_id)
 ORDER BY event_id DESC LIMIT 2;
ROLLBACK;

-- What was rolled back never is, what was released is.
BEGIN;
SELECT migrate_grant('author', 'regress_seal_clerk');
SAVEPOINT one;
SELECT migrate_grant('auditor', 'regress_seal_clerk');
ROLLBACK TO one;
SAVEPOINT two;
SELECT migrate_grant('approver', 'regress_seal_clerk');
RELEASE two;
COMMIT;
SELECT outcome <> 'pending' AS done FROM audit_seal();
SELECT e.kind, e.object, l.block = (SELECT block FROM last_block) AS in_last
  FROM hipaa_migrate.audit_event AS e JOIN leaf AS l USING (epoch, event_id)
 WHERE e.kind = 'capability.granted' ORDER BY e.event_id DESC LIMIT 2;

-- A caller with an old snapshot is told of the new block all the same.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT max(block) = (SELECT block FROM last_block) AS before FROM hipaa_migrate.audit_block;
SELECT outcome, block > (SELECT block FROM last_block) AS newer FROM audit_seal();
COMMIT;

-- Leaves are numbered without gaps, by event within a block, with the hash of
-- their event.
SELECT count(*) = max(seq) AS dense, min(seq) AS first FROM leaf;
SELECT count(*) AS not_in_order
  FROM (SELECT event_id < lag(event_id) OVER (PARTITION BY block ORDER BY seq) AS back FROM leaf) AS o
 WHERE back;
SELECT count(*) AS wrong
  FROM leaf AS l LEFT JOIN hipaa_migrate.audit_event AS e USING (epoch, event_id)
 WHERE l.leaf_hash IS DISTINCT FROM e.leaf_hash OR l.xid IS DISTINCT FROM e.xid;

-- The tree is that of RFC 9162, computed here from its definition.
CREATE FUNCTION tree(leaves bytea[]) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    n integer := cardinality(leaves);
    k integer := 1;
BEGIN
    IF n = 0 THEN
        RETURN sha256('');
    ELSIF n = 1 THEN
        RETURN leaves[1];
    END IF;
    WHILE k * 2 < n LOOP
        k := k * 2;
    END LOOP;
    RETURN sha256('\x01'::bytea || tree(leaves[1:k]) || tree(leaves[k + 1:n]));
END $$;
SELECT count(*) > 3 AS blocks, bool_and(b.root = tree(ARRAY(
           SELECT l.leaf_hash FROM leaf AS l WHERE l.seq <= b.tree_size ORDER BY l.seq))) AS roots
  FROM hipaa_migrate.audit_block AS b JOIN hipaa_migrate.audit_state AS s USING (epoch);

-- The frontier has a hash for each one bit of the size, and blocks follow
-- from each other.
SELECT bool_and(length(b.frontier) = 32 * length(replace(b.tree_size::bit(64)::text, '0', ''))) AS frontiers,
       bool_and(b.previous IS NOT DISTINCT FROM p.block_hash) AS chain,
       bool_and(b.first_leaf = coalesce(p.tree_size, 0) + 1
                AND b.tree_size = coalesce(p.tree_size, 0) + b.leaf_count) AS sizes,
       bool_and(b.fingerprint = coalesce(p.fingerprint, b.fingerprint)) AS fingerprints,
       bool_and(b.sealed_at <= b.anchored_at) AS clock
  FROM hipaa_migrate.audit_block AS b JOIN hipaa_migrate.audit_state AS s USING (epoch)
  LEFT JOIN hipaa_migrate.audit_block AS p ON p.epoch = b.epoch AND p.block = b.block - 1;

-- A digest stands for the last block; numbers of 64 bits are text in it.
SELECT jsonb_object_agg(key, jsonb_typeof(value)) AS digest FROM jsonb_each(audit_digest());
SELECT d ->> 'root' = encode(b.root, 'hex') AS root, d ->> 'block_hash' = encode(b.block_hash, 'hex') AS hash,
       (d ->> 'block')::bigint = b.block AS block, d ->> 'previous' = encode(b.previous, 'hex') AS previous,
       d ->> 'epoch' = b.epoch::text AS epoch, (d ->> 'sealed_at')::timestamptz = b.sealed_at AS sealed_at,
       (d ->> 'lsn')::pg_lsn >= '0/0'::pg_lsn + b.lsn AS lsn, d ->> 'format' AS format
  FROM audit_digest() AS d, last_block AS b;

-- Auditors and operators seal and take digests, nobody else.
SELECT migrate_revoke('operator', 'regress_seal_clerk'), migrate_revoke('author', 'regress_seal_clerk'), migrate_revoke('approver', 'regress_seal_clerk');
\c - regress_seal_reader
SELECT audit_seal();
SELECT audit_digest();
SELECT audit_confirm_copy('copy', 'mine');
\c - :superuser

-- The epoch was opened with the extension, and is where it was.
SELECT e.ordinal, e.state, e.reason, e.database_oid = d.oid::bigint AS here, NOT s.clone AS in_place
  FROM hipaa_migrate.audit_epoch AS e JOIN hipaa_migrate.audit_state AS s USING (epoch),
       pg_database AS d WHERE d.datname = current_database();
SELECT audit_confirm_copy('moved', 'we moved');
SELECT audit_confirm_copy('somewhere', 'we moved');
SELECT audit_confirm_copy('copy', ' ');

DROP FUNCTION tree;
DROP VIEW leaf, last_block;
DROP ROLE regress_seal_clerk, regress_seal_reader;
