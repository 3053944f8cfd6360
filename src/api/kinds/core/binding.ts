/** Binding: assigns a pod to a node; never stored. */

import { bindings } from '../../generated/kinds.gen.ts';
import { defineKind } from '../../kind/define-kind.ts';

export const binding = defineKind(bindings);
