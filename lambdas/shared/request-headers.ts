/** The headers of a request as API Gateway hands them over; the names come in any case. */
export interface Headed {
  headers?: Readonly<Record<string, string | undefined>> | null;
  multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>> | null;
}

/** Every value of a header, in the order in which they came. */
export function headerValues({ headers, multiValueHeaders }: Headed, name: string): string[] {
  const isNamed = ([key]: [string, unknown]) => key.toLowerCase() === name;
  const all = Object.entries(multiValueHeaders ?? {}).filter(isNamed);
  if (all.length > 0) return all.flatMap(([, values]) => values ?? []);
  return Object.entries(headers ?? {})
    .filter(isNamed)
    .flatMap(([, value]) => value ?? []);
}
