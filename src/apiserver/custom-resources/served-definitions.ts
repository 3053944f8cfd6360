/** Which custom resources the server serves: those of the definitions that it was given, each in its versions. */

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
  /** All of the definition that decides how the version is served. */
  readonly form: string;
}

export class ServedDefinitions {
  readonly #resources: Resources;
  readonly #webhookOf: WebhookOf;
  /** By the definition's name and the version's. */
  readonly #served = new Map<string, Map<string, ServedVersion>>();

  /** `webhookOf`: who converts the objects of a definition, where it says so. */
  constructor(resources: Resources, webhookOf: WebhookOf) {
    this.#resources = resources;
    this.#webhookOf = webhookOf;
  }

  /** What is served from the start: before the server has loaded what is stored. */
  begin(definitions: readonly CustomResourceDefinition[]): void {
    for (const definition of definitions) {
      const wanted = servableVersions(definition, this.#webhookOf);
      this.#resources.begin(Array.from(wanted.values(), ({ make }) => make()));
      this.#note(definition, wanted);
    }
  }

  /** Serves it as it is now: resolves when requests find it so. */
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

  /** The versions of a definition that are served. */
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
  /** Costs something: only where the form is another one. */
  make(): ServableKind;
}

function servableVersions(
  definition: CustomResourceDefinition,
  webhookOf: WebhookOf,
): Map<string, WantedVersion> {
  const { metadata, spec, status } = definition;
  const { plural: resource, kind } = { ...spec.names, ...status?.acceptedNames };
  const namespaced = spec.scope === 'Namespaced';
  const form = JSON.stringify([
    metadata?.uid,
    // Of the spec: it may be large.
    metadata?.generation,
    status?.acceptedNames,
    isConditionTrue(status, 'Terminating'),
  ]);
  const served = spec.versions.filter((version) => version.served);
  return new Map(
    served.map((version) => {
      const type = { group: spec.group, version: version.name, resource, kind, namespaced };
      const make = () => customKind(definition, version, webhookOf(definition));
      return [version.name, { type, form, make }];
    }),
  );
}
