/** The objects of audit events without `managedFields`, where the policy omits them. */

interface WithMetadata {
  metadata?: { managedFields?: unknown };
  items?: WithMetadata[];
  rows?: { object?: WithMetadata }[];
}

/** A copy of an object, a list or a table without its `managedFields`. */
export function withoutManagedFields(object: WithMetadata): WithMetadata {
  const { items, rows } = object;
  return {
    ...object,
    ...(object.metadata ? { metadata: metadataWithoutManagedFields(object.metadata) } : {}),
    ...(Array.isArray(items) ? { items: items.map(withoutManagedFields) } : {}),
    ...(Array.isArray(rows)
      ? {
          rows: rows.map((row) => ({
            ...row,
            ...(row.object ? { object: withoutManagedFields(row.object) } : {}),
          })),
        }
      : {}),
  };
}

function metadataWithoutManagedFields({
  managedFields: _,
  ...metadata
}: NonNullable<WithMetadata['metadata']>) {
  return metadata;
}
