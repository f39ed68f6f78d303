"""What keeps a cluster going: each controller looks at its objects when they change, and takes them one step nearer to what is wanted."""
