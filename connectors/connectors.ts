import type { ConnectorDef } from '../catalog/connector.ts';
import { blackhole } from './blackhole/blackhole.ts';
import { datagen } from './datagen/datagen.ts';
import { kafka } from './kafka/kafka.ts';
import { print } from './print/print.ts';
import { upsertKafka } from './upsert-kafka/upsert-kafka.ts';

/** Every connector of this build. */
export const connectors: readonly ConnectorDef[] = [kafka, upsertKafka, datagen, print, blackhole];
