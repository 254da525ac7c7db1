import type { ConnectorDef } from '../catalog/connector.ts';
import { blackhole } from './blackhole/blackhole.ts';
import { datagen } from './datagen/datagen.ts';
import { demo } from './demo/demo.ts';
import { filesystem } from './filesystem/filesystem.ts';
import { kafka } from './kafka/kafka.ts';
import { memory } from './memory/memory.ts';
import { nexmark } from './nexmark/nexmark.ts';
import { print } from './print/print.ts';
import { upsertKafka } from './upsert-kafka/upsert-kafka.ts';

/** Every connector of this build. */
export const connectors: readonly ConnectorDef[] = [kafka, upsertKafka, filesystem, memory, datagen, demo, nexmark, print, blackhole];
