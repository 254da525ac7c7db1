import type { Batch } from '../core/batch.ts';
import type { Clock } from '../core/clock.ts';
import type { Settings } from '../core/settings.ts';
import type { ConnectorServices } from '../catalog/connector.ts';
import type { TableEntry } from '../catalog/entry.ts';
import type { PhysicalPlan } from '../planner/physical-plan.ts';
import type { BrokerLink } from '../wire/broker-link.ts';
import type { PlanTexts } from './place.ts';
import type { ConnectorList } from './tables.ts';

/** What becomes of a job whose stored state does not fit: see JobSpec. */
export type OnIncompatible = 'refuse' | 'rebuild' | 'discard';

/** What a job needs of its engine. */
export interface JobHost {
  readonly stateDir: string | undefined;
  readonly connectors: ConnectorList;
  readonly clock: Clock;
  broker(): Promise<BrokerLink>;
  table(name: string): TableEntry;
  notice(code: string, message: string, job: string): void;
  readonly print: ConnectorServices['print'];
}

export interface JobSpec {
  readonly name: string;
  readonly plans: readonly PhysicalPlan[];
  /** The texts that the spans of the plans lie in, by plan. */
  readonly texts: readonly PlanTexts[];
  readonly settings: Settings;
  /** Read what is there now and end. */
  readonly bounded: boolean;
  /** Forget what an earlier run stored. */
  readonly fresh: boolean;
  /** Where what is stored does not fit: refuse to start (the default), start over, or give up what does not fit and go on with the rest. */
  readonly onIncompatible?: OnIncompatible | undefined;
  /** Takes the rows of a plan that has no sink. */
  readonly collect?: ((batch: Batch) => void) | undefined;
  /** A promise to wait for before more rows are read; undefined when there is room. */
  readonly credit?: (() => Promise<void> | undefined) | undefined;
  /** False: nothing is stored, as for a query whose rows go to a person. */
  readonly isStored: boolean;
}
