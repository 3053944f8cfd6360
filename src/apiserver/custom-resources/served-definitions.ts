/** The custom resources that the server serves: every served version of the established definitions. */

import type { ConversionWebhook } from '#api/custom/conversion.ts';
import { customKind } from '#api/custom/custom-kind.ts';
import type { CustomResourceDefinition } from '#api/generated/types.gen.ts';
import { isConditionTrue } from '#api/meta/conditions.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { Resources } from '../registry/resources.ts';
import type { ServableKind } from '../registry/served-resource.ts';

export type WebhookOf = (definition: CustomResourceDefinition) => ConversionWebhook | undefined;

interface ServedVersion {
  readonly type: ResourceType;
  /** Equal for definitions that are served in the same way: uid, generation, names, Terminating. */
  readonly form: string;
}

export class ServedDefinitions {
  readonly #resources: Resources;
  readonly #webhookOf: WebhookOf;
  /** By the name of the definition, then by version. */
  readonly #served = new Map<string, Map<string, ServedVersion>>();

  /** `webhookOf`: the conversion webhook of a definition, if it has one. */
  constructor(resources: Resources, webhookOf: WebhookOf) {
    this.#resources = resources;
    this.#webhookOf = webhookOf;
  }

  /** Serves definitions from the start: called before the server loads the stored objects. */
  begin(definitions: readonly CustomResourceDefinition[]): void {
    for (const definition of definitions) {
      const wanted = servableVersions(definition, this.#webhookOf);
      this.#resources.begin(Array.from(wanted.values(), ({ make }) => make()));
      this.#note(definition, wanted);
    }
  }

  /** Serves the definition in its current form: resolves when requests are served that way. */
  async serve(definition: CustomResourceDefinition): Promise<void> {
    const name = definition.metadata!.name!;
    const wanted = servableVersions(definition, this.#webhookOf);
    const served = this.#served.get(name) ?? new Map<string, ServedVersion>();
    const isSameScope = [...served.values()].every(
      ({ type }) => type.namespaced === (definition.spec.scope === 'Namespaced'),
    );
    if (!isSameScope) await this.remove(name);
    for (const [version, { type }] of served) {
      if (isSameScope && !wanted.has(version)) await this.#resources.remove(type);
    }
    for (const [version, { make, form }] of wanted) {
      const known = isSameScope ? served.get(version) : undefined;
      if (known?.form === form) continue;
      if (known) await this.#resources.replace(make());
      else await this.#resources.add(make());
    }
    this.#note(definition, wanted);
  }

  async remove(name: string): Promise<void> {
    const served = this.#served.get(name);
    this.#served.delete(name);
    for (const { type } of served?.values() ?? []) await this.#resources.remove(type);
  }

  /** The served versions of a definition, and the version that stores its objects when it is terminating. */
  typesOf(name: string): readonly ResourceType[] {
    return [...(this.#served.get(name)?.values() ?? [])].map(({ type }) => type);
  }

  get names(): readonly string[] {
    return [...this.#served.keys()];
  }

  #note(definition: CustomResourceDefinition, wanted: ReadonlyMap<string, WantedVersion>): void {
    const versions = Array.from(wanted, ([version, { type, form }]) => [version, { type, form }] as const);
    this.#served.set(definition.metadata!.name!, new Map(versions));
  }
}

interface WantedVersion {
  readonly type: ResourceType;
  readonly form: string;
  /** Expensive: called only when `form` has changed. */
  make(): ServableKind;
}

function servableVersions(
  definition: CustomResourceDefinition,
  webhookOf: WebhookOf,
): Map<string, WantedVersion> {
  const { metadata, spec, status } = definition;
  const { plural: resource, kind } = { ...spec.names, ...status?.acceptedNames };
  const namespaced = spec.scope === 'Namespaced';
  // The objects of a terminating definition are deleted in the version that stores them, served before or not.
  const isTerminating = isConditionTrue(status, 'Terminating');
  const form = JSON.stringify([
    metadata?.uid,
    // Stands for the spec, which may be large.
    metadata?.generation,
    status?.acceptedNames,
    isTerminating,
  ]);
  const served = spec.versions.filter(({ served, storage }) => served || (storage && isTerminating));
  return new Map(
    served.map((version) => {
      const type = { group: spec.group, version: version.name, resource, kind, namespaced };
      const make = () => customKind(definition, version, webhookOf(definition));
      return [version.name, { type, form, make }];
    }),
  );
}
