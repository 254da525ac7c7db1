-- Readings joined with what is known of their sensors; the topic holds the latest row of each room.
--   npm run -s sluice -- run examples/rooms.sql
CREATE VIEW places AS
SELECT * FROM (VALUES ('s1', 'kitchen'), ('s2', 'attic'), ('s3', 'kitchen')) AS p (id, room);

CREATE TABLE rooms (
  room STRING,
  warmest DOUBLE,
  readings BIGINT,
  PRIMARY KEY (room) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'rooms',
  'key.format' = 'json',
  'value.format' = 'json'
);

INSERT INTO rooms
SELECT room, MAX(temperature), COUNT(*)
FROM demo.sensors JOIN places USING (id)
GROUP BY room;
