-- The average temperature of each sensor, every ten seconds.
CREATE TABLE SensorReadings (
  id STRING,
  temperature DOUBLE,
  timestamp BIGINT,
  ts AS TO_TIMESTAMP_LTZ(timestamp, 3),
  WATERMARK FOR ts AS ts - INTERVAL '2' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = 'sensor-readings',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json'
);

CREATE TABLE WindowedReadings (
  id STRING,
  window_start TIMESTAMP_LTZ(3),
  window_end TIMESTAMP_LTZ(3),
  average DOUBLE
) WITH (
  'connector' = 'kafka',
  'topic' = 'windowed-readings',
  'format' = 'json'
);

INSERT INTO WindowedReadings
SELECT id, window_start, window_end, AVG(temperature) AS average
FROM TABLE(TUMBLE(TABLE SensorReadings, DESCRIPTOR(ts), INTERVAL '10' SECOND))
GROUP BY id, window_start, window_end;
