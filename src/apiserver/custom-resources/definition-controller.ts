/**
 * Reconciles CustomResourceDefinitions: accepts their names, serves their versions, sets the conditions in their
 * status, and deletes their custom objects before the definition is removed.
 *
 *   new        names accepted → served → Established
 *   changed    served in its new form
 *   deleted    all custom objects deleted → finalizer removed → no longer served
 */

import { hasBadCaBundle } from '#api/custom/definitions/conversion.ts';
import { customResourceDefinitions } from '#api/generated/kinds.gen.ts';
import type { CustomResourceDefinition } from '#api/generated/types.gen.ts';
import { isConditionTrue } from '#api/meta/conditions.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import { rfc3339 } from '#base/clock.ts';
import { copyJson } from '#base/copy-json.ts';
import type { Env } from '#base/env.ts';
import { Turns } from '#base/turns.ts';
import type { Client } from '#client/client.ts';
import { WorkQueue } from '#client/queue/work-queue.ts';
import type { CachedObject, ObjectFeed, ObjectReader } from '../contract/stored-objects.ts';
import { cleanUp, formForCleanUp, isCleaningUp } from './clean-up.ts';
import { setCondition } from './conditions.ts';
import { setReportedConditions } from './definition-conditions.ts';
import { type AcceptedNames, hasItsNames, nameDefinition } from './names.ts';
import type { ServedDefinitions } from './served-definitions.ts';

type Definition = Stored<CustomResourceDefinition>;

export interface DefinitionParts {
  readonly env: Env;
  readonly reader: ObjectReader;
  readonly feed: ObjectFeed;
  readonly client: Client;
  readonly served: ServedDefinitions;
}

/** Definitions that are reconciled at the same time; deleting the objects of a definition takes a while. */
const workers = 5;

/** The returned function stops the controller. */
export function startDefinitionController(parts: DefinitionParts): () => void {
  const controller = new DefinitionController(parts);
  controller.start();
  return () => controller.stop();
}

class DefinitionController {
  readonly #parts: DefinitionParts;
  readonly #queue: WorkQueue;
  readonly #turns: Turns;
  /** Of the definitions that were looked at: their schemas take long to parse. */
  readonly #acceptedNames = new WeakMap<CachedObject, { readonly names: AcceptedNames }>();
  /** By name: the form of a definition whose clean-up has begun. */
  readonly #cleanedUp = new Map<string, string>();

  constructor(parts: DefinitionParts) {
    this.#parts = parts;
    this.#queue = new WorkQueue(parts.env.clock);
    this.#turns = new Turns(parts.env.clock);
  }

  start(): void {
    const enqueueAll = () => {
      for (const { name } of this.#parts.feed.entries(customResourceDefinitions)) this.#queue.add(name);
      for (const name of this.#parts.served.names) this.#queue.add(name);
    };
    this.#parts.feed.follow(customResourceDefinitions, {
      changed: (_, name, entry) => {
        if (!this.#isOwnChange(name, entry)) this.#queue.add(name);
      },
      reloaded: enqueueAll,
    });
    enqueueAll();
    for (let i = 0; i < workers; i++) void this.#work();
  }

  stop(): void {
    this.#queue.shutDown();
  }

  /**
   * Whether only the progress of a clean-up was written: enqueued at once, a clean-up that fails would run in a loop,
   * without the back-off of its retries.
   */
  #isOwnChange(name: string, entry: CachedObject | undefined): boolean {
    const form = this.#cleanedUp.get(name);
    return (
      form !== undefined &&
      entry !== undefined &&
      formForCleanUp(entry.object() as unknown as Definition) === form
    );
  }

  async #work(): Promise<void> {
    for (let key = await this.#queue.get(); key !== undefined; key = await this.#queue.get()) {
      try {
        await this.#sync(key);
        this.#queue.forget(key);
      } catch (error) {
        this.#failed(key, error);
      } finally {
        this.#queue.done(key);
      }
    }
  }

  /**
   * A definition that was deleted or changed meanwhile is enqueued by that change, unless only the progress of its
   * clean-up was written.
   */
  #failed(key: string, error: unknown): void {
    const isEnqueued = error instanceof StatusError && (error.code === 404 || error.code === 409);
    if (isEnqueued && !this.#cleanedUp.has(key)) return;
    this.#parts.env.log.warn('a custom resource definition could not be processed', {
      name: key,
      error: String(error),
    });
    this.#queue.addRateLimited(key);
  }

  async #sync(name: string): Promise<void> {
    const definition = this.#find(name);
    if (!definition) {
      this.#cleanedUp.delete(name);
      await this.#parts.served.remove(name);
      this.#nameOthersOf(groupOf(name), name);
      return;
    }
    if (isCleaningUp(definition)) await this.#cleanUp(definition);
    else if (!hasItsNames(definition)) await this.#name(definition);
    else if (isConditionTrue(definition.status, 'NamesAccepted')) await this.#establish(definition);
  }

  async #cleanUp(definition: Definition): Promise<void> {
    this.#cleanedUp.set(definition.metadata.name, formForCleanUp(definition));
    await cleanUp(this.#parts, definition);
  }

  async #name(definition: Definition): Promise<void> {
    const { group } = definition.spec;
    await this.#readAcceptedNames(group);
    const others = this.#othersOf(group, definition.metadata.name).map((other) =>
      this.#acceptedNamesOf(other),
    );
    const { acceptedNames, condition } = nameDefinition(definition, others);
    const changed = withOwnStatus(definition);
    changed.status = { ...changed.status, acceptedNames };
    const now = this.#now();
    setCondition(changed, condition, now);
    if (!isConditionTrue(changed.status, 'Established')) {
      setCondition(changed, condition.status === 'True' ? installing : notAccepted, now);
    }
    setReportedConditions(changed, now);
    if (JSON.stringify(changed.status) !== JSON.stringify(definition.status)) {
      await this.#writeStatus(changed);
      this.#nameOthersOf(group, definition.metadata.name);
      if (isConditionTrue(changed.status, 'Established')) await this.#parts.served.serve(changed);
    } else if (isConditionTrue(definition.status, 'Established')) {
      await this.#parts.served.serve(definition);
    }
  }

  /**
   * A definition whose conversion webhook could never be called is not served. Serves before it writes the condition: a
   * client that sees Established can use the resource.
   */
  async #establish(definition: Definition): Promise<void> {
    const wasEstablished = isConditionTrue(definition.status, 'Established');
    const isUsable = wasEstablished || !hasBadCaBundle(definition.spec.conversion);
    if (isUsable) await this.#parts.served.serve(definition);
    const changed = withOwnStatus(definition);
    const hasChanged = setReportedConditions(changed, this.#now());
    if (!wasEstablished) setCondition(changed, isUsable ? established : invalidCaBundle, this.#now());
    if (!hasChanged && JSON.stringify(changed.status) === JSON.stringify(definition.status)) return;
    await this.#writeStatus(changed);
  }

  /** A schema takes long to send, to read and to answer: only the status is sent, and only metadata is answered. */
  async #writeStatus({ metadata: { name, resourceVersion }, status }: Definition): Promise<void> {
    const patch = [
      { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
      { op: 'add', path: '/status', value: status },
    ];
    const options = { subresource: 'status', onlyMetadata: true };
    await this.#parts.client.patch(customResourceDefinitions, { name }, 'json', patch, options);
  }

  /**
   * Goes on over several turns of the event loop, as a group may have hundreds of definitions; those that change
   * meanwhile are few.
   */
  async #readAcceptedNames(group: string): Promise<void> {
    for (const entry of this.#othersOf(group, '')) {
      if (this.#turns.isSpent) await this.#turns.next();
      this.#acceptedNamesOf(entry);
    }
  }

  #acceptedNamesOf(entry: CachedObject): AcceptedNames {
    const known = this.#acceptedNames.get(entry);
    if (known) return known.names;
    const names = (entry.object() as unknown as Definition).status?.acceptedNames;
    this.#acceptedNames.set(entry, { names });
    return names;
  }

  #nameOthersOf(group: string, name: string): void {
    for (const other of this.#othersOf(group, name)) this.#queue.add(other.name);
  }

  #find(name: string): Definition | undefined {
    return this.#parts.reader.get(customResourceDefinitions, '', name) as Definition | undefined;
  }

  /** The other definitions of a group: found by their names, as a schema takes long to parse. */
  #othersOf(group: string, name: string): CachedObject[] {
    const definitions = this.#parts.feed.entries(customResourceDefinitions);
    return definitions.filter((other) => other.name !== name && groupOf(other.name) === group);
  }

  #now(): string {
    return rfc3339(this.#parts.env.clock.now());
  }
}

/** A definition is named `plural.group`, and a plural has no dot. */
function groupOf(name: string): string {
  return name.slice(name.indexOf('.') + 1);
}

/** A copy whose status may be changed; the spec is shared, as a schema can be large. */
function withOwnStatus(definition: Definition): Definition {
  return definition.status ? { ...definition, status: copyJson(definition.status) } : { ...definition };
}

const installing = {
  type: 'Established',
  status: 'False',
  reason: 'Installing',
  message: 'the initial names have been accepted',
} as const;

const notAccepted = {
  type: 'Established',
  status: 'False',
  reason: 'NotAccepted',
  message: 'not all names are accepted',
} as const;

const invalidCaBundle = {
  type: 'Established',
  status: 'False',
  reason: 'InvalidCABundle',
  message: 'The conversion webhook CABundle is invalid',
} as const;

const established = {
  type: 'Established',
  status: 'True',
  reason: 'InitialNamesAccepted',
  message: 'the initial names have been accepted',
} as const;
