module gopeer/astshape

go 1.26
