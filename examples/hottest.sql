-- The three hottest sensors so far, kept up to date while rows come; with --bounded, as they stand at the end.
--   npm run -s sluice -- -f examples/hottest.sql
SELECT id, MAX(temperature) AS hottest, COUNT(*) AS readings
FROM demo.sensors
GROUP BY id
ORDER BY hottest DESC
LIMIT 3;
