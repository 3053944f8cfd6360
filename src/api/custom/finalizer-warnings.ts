/** Warnings of new finalizers without a qualified name: custom resources accept them. */

import type { AnyObject } from '../meta/object.ts';
import { qualifiedName } from '../validation/validators.ts';

const standard = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);
const path = 'metadata.finalizers';

export function finalizerWarnings({ metadata }: AnyObject, old: AnyObject | undefined): string[] {
  const before = new Set(old?.metadata?.finalizers);
  const added = (metadata?.finalizers ?? []).filter((name) => !before.has(name));
  return [...new Set(added)].sort().flatMap((name) => {
    const say = (text: string) => `${path}: ${JSON.stringify(name)}: ${text}`;
    const wrong = qualifiedName(name).map(say);
    if (name.includes('/') || standard.has(name)) return wrong;
    const kind = name.includes('.') ? 'name including a path (/)' : 'name';
    return [
      ...wrong,
      say(
        `prefer a domain-qualified finalizer ${kind} to avoid accidental conflicts with other finalizer writers`,
      ),
    ];
  });
}
