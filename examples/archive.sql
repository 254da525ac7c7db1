-- Two results of one source, as one job: every reading into files by sensor, the peak of each ten seconds into a topic.
--   npm run -s sluice -- run examples/archive.sql
CREATE TABLE archive (
  temperature DOUBLE,
  ts TIMESTAMP(3),
  id STRING
) PARTITIONED BY (id) WITH (
  'connector' = 'filesystem',
  'path' = 'archive',
  'format' = 'csv'
);

CREATE TABLE peaks (
  id STRING,
  until TIMESTAMP(3),
  warmest DOUBLE
) WITH (
  'connector' = 'kafka',
  'topic' = 'peaks',
  'format' = 'json'
);

EXECUTE STATEMENT SET
BEGIN
  INSERT INTO archive SELECT temperature, ts, id FROM demo.sensors;

  INSERT INTO peaks
  SELECT id, window_end, MAX(temperature)
  FROM TABLE(TUMBLE(TABLE demo.sensors, DESCRIPTOR(ts), INTERVAL '10' SECOND))
  GROUP BY id, window_start, window_end;
END;
