/**
 * The attributes that admission judges, and the one shape of a plugin: its rules are data, by which the door
 * finds the plugins that handle a write.
 */

import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { UserInfo } from '#api/meta/user.ts';

export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

export interface AdmissionAttributes {
  readonly operation: AdmissionOperation;
  /** The resource of the request, as it is served. */
  readonly type: ResourceType;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /**
   * What is to be written, which mutating plugins change in place; for CONNECT its options. Absent for
   * DELETE.
   */
  readonly object?: AnyObject | undefined;
  readonly oldObject?: AnyObject | undefined;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** The server has drawn the name, which upstream does between the two phases: webhooks see none. */
  readonly isNameDrawn?: boolean;
  /** How it is to be deleted. */
  readonly deletion?: object | undefined;
  /** Absent for what the server writes of itself. */
  readonly request?: RequestFacts | undefined;
  /**
   * A plugin sets `wanted` when it has changed what other plugins have seen: all that change objects run once
   * more then.
   */
  reinvocation?: 'wanted' | 'running';
  /** Adds a Warning header to the answer. */
  warn(text: string): void;
}

/** What plugins that call out are bound by, and report, of the request behind a write. */
export interface RequestFacts {
  /** As it is authorized: a PUT of an object that does not exist is an `update`. */
  readonly verb: string;
  /** What its query says of the fields of CreateOptions, UpdateOptions and PatchOptions. */
  options(): object;
  /** Undefined: as long as it takes. */
  timeLeftMs(): number | undefined;
  /** Aborts when the caller has gone. */
  readonly signal: AbortSignal | undefined;
  /** For the audit log; the first value of a key stays. `Request`: not at the level Metadata. */
  annotate(key: string, value: string, level?: 'Metadata' | 'Request'): void;
}

/** Which requests a plugin handles, in the terms that the rules of webhooks and policies have. */
export interface AdmissionRule {
  readonly operations: readonly (AdmissionOperation | '*')[];
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  // `pods`, `pods/status`, `pods/*`, `*/scale`; `*` is every resource without its subresources, `*/*` with
  // them.
  readonly resources: readonly string[];
  /** Default `*`. */
  readonly scope?: 'Cluster' | 'Namespaced' | '*';
}

/** Both functions throw a StatusError to refuse. */
export interface AdmissionPlugin {
  readonly name: string;
  readonly rules: readonly AdmissionRule[];
  mutate?(attributes: AdmissionAttributes): Promise<void> | void;
  validate?(attributes: AdmissionAttributes): Promise<void> | void;
}

/** A plugin of the server itself means every version of what it names. */
export interface AdmissionDefinition extends Omit<AdmissionPlugin, 'rules'> {
  readonly rules: readonly Omit<AdmissionRule, 'apiVersions'>[];
}

/**
 * Every plugin is made by this, in a file of its own under `apiserver/admission/`, listed in
 * `admission/plugins.ts`.
 */
export function defineAdmission(plugin: AdmissionDefinition): AdmissionPlugin {
  return { ...plugin, rules: plugin.rules.map((rule) => ({ ...rule, apiVersions: ['*'] })) };
}

/** The one way to the plugins, called by the write chain alone. Returns a promise only where a plugin needs one. */
export interface AdmissionDoor {
  /** Runs the plugins that may change the object, in their order. */
  mutate(attributes: AdmissionAttributes): Promise<void> | undefined;
  /** Runs the plugins that judge the object as it will be stored. */
  validate(attributes: AdmissionAttributes): Promise<void> | undefined;
}
