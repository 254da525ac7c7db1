import { SqlError } from '../core/diagnostic.ts';
import type { Settings } from '../core/settings.ts';
import { refuseOtherZones } from '../planner/time-zone.ts';
import type { ReadyPlan } from './check.ts';
import { refuseEndlessSort } from './endless-sort.ts';
import { tableIn, type ConnectorList } from './tables.ts';

/** Whether an ORDER BY may wait for an end that may never come. */
export function mayWaitForEnd(settings: Settings, bounded: boolean): boolean {
  return bounded || settings.get('table.exec.non-temporal-sort.enabled').toLowerCase() === 'true';
}

/**
 * What a start of these plans would refuse though each of them is right by itself: it depends on settings and on whether reading is `bounded`. So that it can be
 * told before anything runs.
 */
export function refusalsOf(plans: readonly ReadyPlan[], settings: Settings, bounded: boolean, connectors: ConnectorList): readonly SqlError[] {
  const errors: SqlError[] = [];
  for (const { physical, tables, texts } of plans) {
    try {
      refuseOtherZones(physical, settings.get('table.local-time-zone'));
      if (!mayWaitForEnd(settings, bounded)) refuseEndlessSort(physical, [texts], (name) => tableIn(tables, name), connectors);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      errors.push(error);
    }
  }
  return errors;
}
