const services = () => {
  const sizeOf = new Map(
    repositories.flatMap((one, at) =>
      one.sizes ? one.sizes.images.map((image) => [`${at} ${image.name}`, image.bytes]) : [],
    ),
  );
  const size = (image) => sizeOf.get(`${image.repository} ${image.name}`) || 0;
  const on = (image) => (image.parent === null ? image.from : images[image.parent].name);
  return [
    el("h2", {}, "Images"),
    ...filtered(
      "Filter",
      images,
      (image) =>
        [
          shown(image),
          image.kind,
          image.template,
          on(image),
          image.port || "",
          image.declared,
        ].join(" "),
      (kept) =>
        table(
          [
            ...(many
              ? [
                  {
                    head: "Repository",
                    key: (image) => repositories[image.repository].name,
                    cell: (image) => repositories[image.repository].name,
                  },
                ]
              : []),
            { head: "Name", key: (image) => image.name, cell: (image) => image.name },
            { head: "Kind", key: (image) => image.kind, cell: (image) => image.kind },
            { head: "Template", key: (image) => image.template, cell: (image) => image.template },
            { head: "Base", key: on, cell: on },
            {
              head: "Port",
              number: true,
              key: (image) => image.port || 0,
              cell: (image) => (image.port === null ? "" : String(image.port)),
            },
            ...(sized.length
              ? [
                  {
                    head: "Size",
                    number: true,
                    key: size,
                    cell: (image) => (size(image) ? bytes(size(image)) : ""),
                  },
                ]
              : []),
            {
              head: "Declared",
              key: (image) => image.declared,
              cell: (image) => el("span", { class: "path" }, image.declared),
            },
          ],
          kept,
        ),
    ),
  ];
};
