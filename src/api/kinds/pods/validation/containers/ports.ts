/** Validation of container ports: names, numbers, protocols, and colliding host ports. */

import type { Container, ContainerPort } from '../../../../generated/types.gen.ts';
import { checkOneOf, checkPort } from '../../../../validation/field-checks.ts';
import { duplicate, type FieldError, invalidValue, required } from '../../../../validation/field-error.ts';
import { portName, portProtocols } from '../../../../validation/validators.ts';

export function validateContainerPorts(ports: ContainerPort[] | undefined, path: string): FieldError[] {
  if (!ports?.length) return [];
  const names = new Set<string>();
  return ports.flatMap((port, i) => {
    const at = `${path}[${i}]`;
    const errors: FieldError[] = [];
    if (port.name) {
      const wrong = portName(port.name).map((text) => invalidValue(`${at}.name`, port.name, text));
      if (wrong.length === 0 && names.has(port.name)) wrong.push(duplicate(`${at}.name`, port.name));
      names.add(port.name);
      errors.push(...wrong);
    }
    if (!port.containerPort) errors.push(required(`${at}.containerPort`));
    else errors.push(...checkPort(`${at}.containerPort`, port.containerPort));
    if (port.hostPort) errors.push(...checkPort(`${at}.hostPort`, port.hostPort));
    return [...errors, ...checkOneOf(`${at}.protocol`, port.protocol, portProtocols)];
  });
}

export function validateHostPortConflicts(containers: Container[], path: string): FieldError[] {
  const taken = new Set<string>();
  const errors: FieldError[] = [];
  for (const [i, container] of containers.entries()) {
    for (const [j, port] of (container.ports ?? []).entries()) {
      if (!port.hostPort) continue;
      const key = `${port.protocol}/${port.hostIP ?? ''}/${port.hostPort}`;
      if (taken.has(key)) errors.push(duplicate(`${path}[${i}].ports[${j}].hostPort`, key));
      taken.add(key);
    }
  }
  return errors;
}
