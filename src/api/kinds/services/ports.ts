/** Validation of a service's ports: valid, without duplicates. */

import type { ServicePort, ServiceSpec } from '../../generated/types.gen.ts';
import { checkField, checkOneOf, checkPort, checkPortNumberOrName } from '../../validation/field-checks.ts';
import { duplicate, type FieldError, forbiddenField, required } from '../../validation/field-error.ts';
import { dns1123Label, portProtocols, qualifiedName } from '../../validation/validators.ts';

export function validatePorts(ports: ServicePort[]): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap((port, i) => {
    const at = `spec.ports[${i}]`;
    const errors: FieldError[] = [];
    if (!port.name) {
      if (ports.length > 1) errors.push(required(`${at}.name`));
    } else {
      errors.push(...checkField(`${at}.name`, port.name, dns1123Label));
      if (names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name));
      names.add(port.name);
    }
    errors.push(
      ...checkPort(`${at}.port`, port.port ?? 0),
      ...checkOneOf(`${at}.protocol`, port.protocol, portProtocols),
    );
    errors.push(...checkPortNumberOrName(`${at}.targetPort`, port.targetPort));
    if (port.appProtocol !== undefined) {
      errors.push(...checkField(`${at}.appProtocol`, port.appProtocol, qualifiedName));
    }
    return errors;
  });
}

export function validatePortUniqueness(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const ports = spec.ports ?? [];
  for (const [i, port] of ports.entries()) {
    if (spec.type === 'ClusterIP' && port.nodePort) {
      const text = "may not be used when `type` is 'ClusterIP'";
      errors.push(forbiddenField(`spec.ports[${i}].nodePort`, text));
    }
  }
  const nodePorts = new Set<string>();
  for (const [i, { nodePort, protocol }] of ports.entries()) {
    if (!nodePort) continue;
    const key = `${protocol}/${nodePort}`;
    if (nodePorts.has(key)) errors.push(duplicate(`spec.ports[${i}].nodePort`, nodePort));
    nodePorts.add(key);
  }
  const served = new Set<string>();
  for (const [i, { port, protocol }] of ports.entries()) {
    const key = `${protocol}/${port}`;
    if (served.has(key)) {
      errors.push(
        duplicate(`spec.ports[${i}]`, {
          Name: '',
          Protocol: protocol,
          AppProtocol: null,
          Port: port,
          TargetPort: 0,
          NodePort: 0,
        }),
      );
    }
    served.add(key);
  }
  return errors;
}
