/** A model without what some objects ask for. */

import type { Owner, ProxyModel } from './model.ts';

export function withoutOwners(model: ProxyModel, owners: readonly Owner[]): ProxyModel {
  if (owners.length === 0) return model;
  const isOut = new Set(owners);
  const backends = model.backends.filter(({ owner }) => !isOut.has(owner));
  const kept = new Set(backends.map(({ id }) => id));
  const tables = model.tables.map((table) => ({
    ...table,
    hosts: table.hosts.map(({ host, paths }) => ({
      host,
      paths: paths
        .map((path) => ({ ...path, routes: path.routes.filter(({ backend }) => kept.has(backend)) }))
        .filter(({ routes }) => routes.length > 0),
    })),
  }));
  return { ...model, tables, backends };
}
