const WORDS: Readonly<Record<string, string>> = {
  offline_access: 'Keep this access while you are away',
  'read:me': 'View your profile',
  'read:space:confluence': 'View space details',
  'read:page:confluence': 'View pages and blog posts',
  'read:label:confluence': 'View labels',
  'read:attachment:confluence': 'View and download attachments',
  'read:user:confluence': 'View user details',
  'read:content-details:confluence': 'Search, and view details of content',
  'read:hierarchical-content:confluence': 'View the hierarchy of content',
  'read:content.metadata:confluence': 'View summaries of content',
  'search:confluence': 'Search content and space summaries',
};

/** A scope as the consent page words it. An unknown scope is shown as it is. */
export function scopeInWords(scope: string): string {
  return WORDS[scope] ?? scope;
}
