import { gunzipSync } from 'node:zlib';

/**
 * A store as the last program wrote it whose captures were not packed, and whose sets were columns (version 3): three checkpoints of one table, of ten
 * records each, numbered on. The record n has the key 7 n and the text `text n`, and in the set below it the values k * 1000 + n, k from 0 to 3, each
 * with the bits k % 3 + 1; the high word of the last value is -1.
 */
export const storeOfVersion3: Uint8Array = gunzipSync(Buffer.from([
  'H4sIAAAAAAACA+3ZeVATVxwH8M0GC8EcRERQTF2kQECuHIRLLCAgaCQEooCCJpAEohyBLCgFS+Rq5RIvIIgKqKBWisLUs4iRgQREBHEUDJQqFlS0jGgLderQQa2gY//vtO/zz773e2/e/vY7+8/OBnHZElSEiOMTYwUowoD0IBiG3BEEgiAY',
  'giAsNGN6rjVrjvlo/VNgyFZxljA9IIZBpBxiGAQAAAAAAAAAAAD852RYwNqGxsaYLDNUEBEjihRI0aTEvy/YlYHeHjxvhOfhyfZG3hURqgwVoCKE5x3CQ/w5PMR/HZttjUgFiejHNbEkUYZujkqMT5Iifv4871XegbNWYwT/vKiLvBMZLYrc',
  'Ko2XxKGfOEEm+Ur0iXJECiqSIZ5sjuesYkCg31qPwFBkjXfouyd42/MHXVrPup+lJRLsx/PlrOMhgZxgP6/tGG1DExPMTte3Qb3fNzOCP4xrpnOqRPi+zVl9WCOxIlTwcWiypNgPS5bT3+YYkgYiaUga8MYCAAAAAAAAAAAAwL+JKawFUVxT',
  'lwrQpS70HXQXJt2R7uTsxHBiuTAY9jSaM4vFYphiZzYxdjBcHFnOTAbTnmHPcqHTWCyGA43OYuhO/8THm0HEq4QteDOQLAAAAAAAAAD872WsxJEIOhgMnJUsw6ZreVF/sHst9MK64SBPko0tP74My8E3XCuThyGYjrp+rqN02eqiU7G9VdQc',
  '91zut2oCmUyuzG1zj/a9uE13rHEideyAe5wVA5pIWKOgjSSsVNjcTXBVcAuHxPSD/a21wjuSft9NN0X9PptsiEPm4xEJhueL7rYzufBg2nJKp88+Ja8Ezr199UxFkVwPphjJPbWqtLW7VdeCnvCkVJb+okAfWJ9bcM/OBL6yvib915SR8vjv',
  'U4ZLg5vSkpZMXjpRQzbwQIoyqwNisivlY7oifrn60Dityx1Lia7AEpgBxLB7fdxqS+OSUGs1qnJ57K9y6Q5XRVhENikEeQdb2mlDRJawXJmz2DCzrfqX7FDh3T72K1FMydPkYr+mhaP0y530vjrhuWHFFb7F6E63XKUGI6jLwWTw3oWYbSSD',
  '07WEb0IUYltwUNVuWzt+cBlWvqGct+f8djiu8iEZ0YHR+zFTR/GClA3a1MdKXN03e/Q8dfo2Npcum/DHjDVO/JTaNHG4ebI1u3+92IH4sJp+NGHJ+f19+csGAsT0zqFkel4CxXHfwvyhCwc6NvW3FgiHHzDjTBsWlCToK87+WNXLDDfpUvXc',
  'Dyv+TquzerUuTkf7szlapt3y6PnuVXIk29rd4Ahut5dFxgupcwihsLJxw+SNl10eU/0vOp2b4tbVXMKWt5+omWvlhUgzzf2Md/lhNFY3lPL88c+jESwBrdhJZHaRHl5/pHPGpNVhuGey6I9OkXhuO93ucuGzY5cpo8JtlIOHTr9ekGPT6dZr',
  'MoQXq50yW/SuKS86bG5F2/yjFI9KaOH1PaHmr0Tskqdocn2vj+xOZcfgPONkz1ON8eJYvuBPrylNxorpVHEYOCtOlq7l9CZUJywFB9HXUm34nFuL7NUWR+bkO3QzLnCY3C/xzfbs4wR+XpX06ddG96h5XH/BlI9wq9feQzCnh1l781LI4sG2',
  'BQ2sFfsIYkmameZ6+6QvqyT7eUGMzegD/b6Q4hbD+trTuSRhUOj8QVVx/Yojqpxx85MFqEKN/AY92f7IiWlvTf1CqqezXJ98mJB127mwFQnSI5RC8yv8XwzfGiuL+nyAGI4Jc4g2w8zhnDBRmkqWlvyOt8eS97Rj58n5F/ffNipT105Nucp1',
  '8c8Ue9Oizmk4z+7DHab4jT1TNcXadc9Tx1hkAyPT+JG2Bx4vLZD6wp/pNnWq5gEDQapd/pau44WGuyQDbo9Tgtilx1Wata7HcFb8kyOofLVaWQbbQg0R+LrYUfKq10tIxomDfwHcqWNYADAAAA==',
].join(''), 'base64'));
