// What everything of a stage is tagged with, in a stack or beside one: by it things are found, and charged.

export const tagsOf = (stage: string) => ({ application: 'weir', stage }) as const;
