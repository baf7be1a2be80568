// Whether a media type is one of the API's binary ones, which decides what is sent in base64.

export function matchesMediaType(mediaType: string, patterns: readonly string[]): boolean {
  const [type = '', subtype = ''] = essence(mediaType).split('/');
  return patterns.some((pattern) => {
    const [wantedType, wantedSubtype] = pattern.split('/');
    return (
      (wantedType === '*' || wantedType === type) && (wantedSubtype === '*' || wantedSubtype === subtype)
    );
  });
}

/** Lower case, without parameters. */
function essence(mediaType: string): string {
  return (mediaType.split(';')[0] ?? '').trim().toLowerCase();
}
