/**
 * Makes the priority levels and schemas from the stored objects, as upstream digests its configuration objects:
 * invalid levels are ignored, schemas without a level do not match, the mandatory levels and schemas always exist,
 * and a level that is no longer configured stays until it is idle.
 */

import type { FlowSchema, PriorityLevelConfiguration } from '#api/generated/types.gen.ts';
import {
  catchAllLevel,
  catchAllSchema,
  exemptLevel,
  exemptSchema,
} from '#api/kinds/flowcontrol/default-objects.ts';
import type { Clock } from '#base/clock.ts';
import { SchemaSeries } from '../metrics/schema-series.ts';
import { ActiveSchema } from './active-schema.ts';
import { adjustSeats } from './borrowing.ts';
import { levelProblem, PriorityLevel } from './priority-level.ts';

export class FlowConfiguration {
  /** In the order in which requests are matched. */
  schemas: readonly ActiveSchema[] = [];
  levels: ReadonlyMap<string, PriorityLevel> = new Map();
  fairFraction = 0;
  readonly #clock: Clock;
  readonly #serverSeats: number;
  /** By level and schema; kept when a schema is deleted, since counters only grow. */
  readonly #series = new Map<string, SchemaSeries>();
  #nominalSum = 0;

  constructor(clock: Clock, serverSeats: number) {
    this.#clock = clock;
    this.#serverSeats = serverSeats;
    this.digest([], []);
  }

  get series(): Iterable<SchemaSeries> {
    return this.#series.values();
  }

  digest(stored: readonly PriorityLevelConfiguration[], schemas: readonly FlowSchema[]): void {
    const levels = this.#desired(stored);
    const isThere = ({ spec }: FlowSchema) => levels.has(spec?.priorityLevelConfiguration?.name ?? '');
    const usable = schemas.filter(isThere).sort(byPrecedence);
    this.#keepBusy(levels);
    for (const mandatory of [exemptLevel, catchAllLevel]) {
      const name = mandatory.metadata!.name!;
      if (!levels.has(name)) levels.set(name, this.#levelOf(mandatory));
    }
    const shares = [...levels.values()].reduce((sum, level) => sum + level.shares, 0);
    for (const level of levels.values()) level.setShare(this.#serverSeats, shares);
    this.#nominalSum = [...levels.values()].reduce((sum, level) => sum + level.nominalSeats, 0);
    this.levels = levels;
    this.adjust();
    this.schemas = withMandatory(usable).map((schema) => this.#activate(schema));
  }

  /** Called every ten seconds: levels borrow and lend seats by their recent demand. */
  adjust(): void {
    const levels = [...this.levels.values()];
    const nowMs = this.#clock.monotonicMs();
    this.fairFraction = adjustSeats(levels, this.#nominalSum, this.#serverSeats, nowMs);
  }

  /** Whether the level exists for stored schemas: it is stored, valid and not quiescing. */
  hasLevel(name: string): boolean {
    const level = this.levels.get(name);
    return level !== undefined && !level.isQuiescing && level.configuration.metadata?.uid !== undefined;
  }

  #desired(stored: readonly PriorityLevelConfiguration[]): Map<string, PriorityLevel> {
    const levels = new Map<string, PriorityLevel>();
    for (const configuration of stored) {
      if (levelProblem(configuration) !== undefined) continue;
      levels.set(configuration.metadata!.name!, this.#levelOf(configuration));
    }
    return levels;
  }

  #levelOf(configuration: PriorityLevelConfiguration): PriorityLevel {
    const known = this.levels.get(configuration.metadata!.name!);
    const level = known ?? new PriorityLevel(configuration, this.#clock);
    level.configuration = configuration;
    level.isQuiescing = false;
    return level;
  }

  #keepBusy(levels: Map<string, PriorityLevel>): void {
    for (const [name, level] of this.levels) {
      if (levels.has(name) || level.isIdle || name === 'exempt' || name === 'catch-all') continue;
      level.isQuiescing = true;
      levels.set(name, level);
    }
  }

  #activate(schema: FlowSchema): ActiveSchema {
    const level = this.levels.get(schema.spec!.priorityLevelConfiguration.name)!;
    const key = `${level.name}/${schema.metadata!.name}`;
    const series = this.#series.get(key) ?? new SchemaSeries(level.name, schema.metadata!.name!);
    this.#series.set(key, series);
    return new ActiveSchema(schema, level, series);
  }
}

function byPrecedence(a: FlowSchema, b: FlowSchema): number {
  const difference = (a.spec?.matchingPrecedence ?? 0) - (b.spec?.matchingPrecedence ?? 0);
  return difference || (a.metadata!.name! < b.metadata!.name! ? -1 : 1);
}

function withMandatory(schemas: readonly FlowSchema[]): FlowSchema[] {
  const has = (schema: FlowSchema) =>
    schemas.some(({ metadata }) => metadata?.name === schema.metadata!.name);
  return [
    ...(has(exemptSchema) ? [] : [exemptSchema]),
    ...schemas,
    ...(has(catchAllSchema) ? [] : [catchAllSchema]),
  ];
}
